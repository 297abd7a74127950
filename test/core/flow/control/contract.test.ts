import { describeControlContract } from '../../../contracts/control.ts';

describeControlContract('the control over a store', () => ({
  open: async ({ control }) => control,
  close: async () => {},
}));
