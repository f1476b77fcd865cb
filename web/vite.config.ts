import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// The API of a running `stargaze demo`, for development.
const api = process.env.STARGAZE_URL ?? 'http://127.0.0.1:8686';

export default defineConfig({
  plugins: [svelte()],
  build: { target: 'es2022', assetsInlineLimit: 0, cssCodeSplit: true, sourcemap: false },
  server: { host: '127.0.0.1', proxy: { '/api': api } },
});
