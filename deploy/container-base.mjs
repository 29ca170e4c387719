// A registry on loopback that has one image, base:latest, of one layer. Prints its address.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

const oci = kind => `application/vnd.oci.image.${kind}`;
const digest = bytes => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const describe = (mediaType, bytes) => ({ mediaType, digest: digest(bytes), size: bytes.length });

const tar = readFileSync(process.argv[2]);
const layer = gzipSync(tar, { level: 1 });
const config = Buffer.from(JSON.stringify({
  architecture: 'amd64', os: 'linux',
  config: { User: '1654', Env: ['PATH=/usr/bin', 'APP_UID=1654', 'HOME=/home/app', 'ASPNETCORE_HTTP_PORTS=8080'] },
  rootfs: { type: 'layers', diff_ids: [digest(tar)] },
}));
const manifest = Buffer.from(JSON.stringify({
  schemaVersion: 2, mediaType: oci('manifest.v1+json'),
  config: describe(oci('config.v1+json'), config), layers: [describe(oci('layer.v1.tar+gzip'), layer)],
}));
const blobs = new Map([config, layer].map(bytes => [digest(bytes), bytes]));

const server = createServer(({ method, url }, response) => {
  const [, , , kind, reference] = url.split('/');
  const bytes = kind === 'manifests' ? manifest : blobs.get(reference);
  if (!bytes) return response.writeHead(404).end();
  response.writeHead(200, {
    'content-type': kind === 'manifests' ? oci('manifest.v1+json') : 'application/octet-stream',
    'content-length': bytes.length, 'docker-content-digest': digest(bytes),
  }).end(method === 'HEAD' ? undefined : bytes);
});
server.listen(0, '127.0.0.1', () => console.log(`localhost:${server.address().port}`));
