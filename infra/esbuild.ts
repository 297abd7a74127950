/**
 * esbuild. Only bundling needs it, so it is loaded when that is asked for: the package is installed without it for the `warren`
 * command, and the constructs can be used without it as well. @throws Error that says what to install
 */
export async function loadEsbuild(): Promise<typeof import('esbuild')> {
  try {
    return await import('esbuild');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error('bundleFunctions needs esbuild, which is not installed: npm install --save-dev esbuild', {
      cause: error,
    });
  }
}
