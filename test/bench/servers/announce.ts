/** Tells the bench where a server listens. The server ends when the bench does, however that ends. */
export function announce(port: number): void {
  console.log(port);
  process.stdin.resume().once('end', () => process.exit());
}
