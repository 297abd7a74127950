/** The commented `warren.yaml` that `warren init` writes: every option with its default, acting on nothing. */
export function exampleConfig(): string {
  return example;
}

const example = `# Warren: one active and one standby RabbitMQ cluster, and what moves traffic between them.
# Check this file with: warren validate
# Durations: 500ms, 5s, 2m, 1h, 7d. Secrets are references, never values: env:NAME, file:PATH, and on AWS
# secretsmanager:ARN (or ARN#key, of a JSON object) and ssm:NAME.
version: 1

# The embedded store, relative to this file. Vantages on several hosts share one in DynamoDB; see docs/dynamodb.md:
#  store: dynamodb:warren-state,warren-history@eu-west-1
store: warren.db

# At most this many automatic failovers across all pairs within the window.
fleet: { maxFailovers: 3, window: 1h }

# The HTTP API. scope: read, operate (also read) or admin (also overrides and the pause of all pairs).
# api:
#   listen: "127.0.0.1:8672"
#   tokens:
#     - { name: alice, scope: operate, token: env:ALICE_TOKEN }

pairs:
  - name: trading
    primary: beijing
    standby: shanghai

    sites:
      beijing:
        nodes:
          # The broker's node name, where it accepts AMQP (amqp:// or amqps://), and its management API.
          - { name: rabbit@bj1, amqp: "amqp://10.0.1.1:5672", management: "http://10.0.1.1:15672" }
          - { name: rabbit@bj2, amqp: "amqp://10.0.1.2:5672", management: "http://10.0.1.2:15672" }
          - { name: rabbit@bj3, amqp: "amqp://10.0.1.3:5672", management: "http://10.0.1.3:15672" }
        # The virtual host that is probed.
        vhost: /
        # The cluster_name that every node must report. Unset: not checked.
        # clusterName: beijing
        # user:password, or JSON with username and password; the user needs the tag "monitoring".
        probeCredentials: env:BEIJING_PROBE
        # Users whose connections are refused while this side is fenced off: those of the applications. Without them
        # there is no planned switchover, and every failover is reported unfenced.
        fenceUsers: []
        # An administrator; only used to fence, and to count connections and messages. Needed for fenceUsers.
        # operatorCredentials: env:BEIJING_OPERATOR
        # The login of one of fenceUsers: its refusal proves the fence at each node.
        # fenceProof: env:BEIJING_APP
      shanghai:
        nodes:
          - { name: rabbit@sh1, amqp: "amqp://10.0.2.1:5672", management: "http://10.0.2.1:15672" }
          - { name: rabbit@sh2, amqp: "amqp://10.0.2.2:5672", management: "http://10.0.2.2:15672" }
          - { name: rabbit@sh3, amqp: "amqp://10.0.2.3:5672", management: "http://10.0.2.3:15672" }
        probeCredentials: env:SHANGHAI_PROBE

    # Neutral places a prober must be able to see before it trusts itself (http://, https:// or tcp://HOST:PORT).
    reference: []
    # Who must vote, by name. Empty: this prober alone.
    vantages: []
    # With several, a vantage may say which site's fate it shares; those near a site do not condemn it alone:
    #  vantages: [{ name: witness }, { name: shanghai-host, near: shanghai }]
    # On AWS: alarms of CloudWatch that ask for a failover of a site (does: request; not in mode observe), or say as
    # one of the vantages, which is theirs alone, whether it is down. See docs/functions.md.
    alarms: []
    #  - { alarm: beijing-nothing-published, site: beijing, does: request }
    #  - { alarm: beijing-canary, site: beijing, does: vote, vantage: canary }
    # Where clients connect; verified from outside after a flip.
    # endpoint: "amqp://10.0.0.10:5672"

    probe:
      # How often targets are read and a decision is made when nothing changes.
      every: 5s
      # How often the kept connection of each node is exercised, and a suspect site probed.
      recheck: 1s
      # How often a fresh connection and the management checks are made when all is well.
      fullEvery: 30s
      # The deadline of each check.
      timeout: 2s
      # Voting failures in a row before a node counts as failed.
      fall: 3
      # Passes in a row before a failed node counts as well again.
      rise: 5
      # Fewer passing nodes than this, and the rest failed: the site is down.
      minNodes: 1
      # A memory or disk alarm votes for failover after this long.
      alarmsAfter: 5m
      # Stalled queue declarations on every node vote for failover after this long.
      metadataStalledAfter: 90s

    failover:
      # observe: say what would be done. approve: ask a person. automatic: do it.
      mode: observe
      # How many vantages must vote: majority, or a number. With one vantage, say 1.
      quorum: majority
      # After any operation ends, no automatic one for this long.
      cooldown: 1h
      # Whether a failover may go on when the old side cannot be fenced: allow or wait.
      unfenced: allow
      # How long an operation tries to fence the old side.
      fenceBudget: 2s
      # How long the old side of a switchover stays fenced; that of a failover does until \`warren ack\`.
      fenceFor: 10m
      # Replication lag above which a failover is blocked. Needs a source of lag; none can be configured yet.
      # maxLagMessages: 1000

    # A drill: there, a hold, and back. windows: when one may begin, in UTC; empty: at any time.
    drill: { hold: 1m, windows: [] }
    #  windows: ["Sat 02:00-04:00"]

    # Somebody else's say before the point of no return (403 or 409 refuses), and their knowledge after the end.
    # whenSilent: what no answer means for a failover, proceed or refuse; a switchover is always refused then.
    # hooks:
    #   before: { url: env:HOOK_URL, timeout: 2s, whenSilent: proceed }
    #   after: { url: env:HOOK_URL }

    # Who is told, beside the output of the service. Try it with: warren notify
    # format: json, slack or pagerduty. secret: signs each request; for pagerduty the routing key.
    notify: []
    #  - webhook: { url: env:SLACK_WEBHOOK_URL, format: slack, severity: warning }
    #  - sns: { topic: "arn:aws:sns:eu-west-1:123456789012:warren", severity: critical }

    targets:
      # HAProxy's runtime API (stats socket, level admin), as HOST:PORT or the path of a unix socket.
      - haproxy:
          address: "127.0.0.1:9999"
          backend: amqp
          # The standby's servers are "disabled" in HAProxy's own configuration.
          servers: { beijing: [bj1, bj2, bj3], shanghai: [sh1, sh2, sh3] }
      # A record of a DNS server that accepts signed dynamic updates, such as BIND; see docs/targets.md.
      # type: A, AAAA or CNAME. secret: of the TSIG key, in base64. algorithm: hmac-sha256 or hmac-sha512.
      # - dns:
      #     server: "10.0.0.53:53"
      #     zone: example.com
      #     record: amqp.example.com
      #     type: A
      #     ttl: 30s
      #     values: { beijing: ["10.0.1.10"], shanghai: ["10.0.2.10"] }
      #     key: { name: warren, algorithm: hmac-sha256, secret: env:DNS_KEY }
      # A record in a hosted zone of Route 53; see docs/targets.md. routing: simple, weighted or failover.
      # Instead of values and ttl, aliases: { beijing: { zone: Z0ELB, name: bj.elb.amazonaws.com }, shanghai: ... }
      # For failover routing, healthChecks: { beijing: ID, shanghai: ID }. resolvers: asked after a change.
      # - route53:
      #     zone: Z0123456789ABC
      #     record: amqp.example.com
      #     type: A
      #     routing: simple
      #     ttl: 30s
      #     values: { beijing: ["192.0.2.10"], shanghai: ["198.51.100.10"] }
      #     resolvers: ["ns-1.awsdns-01.org:53"]
      # The same without Route 53's control plane: failover records follow a health check, which looks at objects of S3. One
      # copy, or three in three Regions, not all of them the primary's; see docs/targets.md. resolvers: asked at each read.
      # - route53-health:
      #     record: amqp.example.com
      #     type: A
      #     copies:
      #       - { region: eu-west-1, bucket: example-switch-eu-west-1, key: warren/trading }
      #       - { region: eu-west-2, bucket: example-switch-eu-west-2, key: warren/trading }
      #       - { region: eu-west-3, bucket: example-switch-eu-west-3, key: warren/trading }
      #     values: { beijing: ["192.0.2.10"], shanghai: ["198.51.100.10"] }
      #     resolvers: ["ns-1.awsdns-01.org:53"]
      #     follows: 3m
      # The forward action of a listener of a Network or Application Load Balancer; see docs/targets.md.
      # Instead of a listener, rule: the ARN of a listener rule of an Application Load Balancer.
      # - elbv2:
      #     listener: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/net/amqp/0123456789abcdef/0123456789abcdef"
      #     targetGroups:
      #       beijing: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/bj/0123456789abcdef"
      #       shanghai: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/sh/0123456789abcdef"
`;
