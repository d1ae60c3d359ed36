import { svelte } from '@sveltejs/vite-plugin-svelte';
import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';

export default {
  plugins: [react(), svelte(), vue()],
  build: { outDir: 'out', rollupOptions: { input: ['react.html', 'svelte.html', 'vue.html'] } },
};
