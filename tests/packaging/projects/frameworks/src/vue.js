import './watched.js';
import { createApp } from 'vue';
import Notify from './Notify.vue';

const made = createApp(Notify);
made.mount('#root');
app.unmount = () => made.unmount();
