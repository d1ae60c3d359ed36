import './watched.js';
import { mount, unmount } from 'svelte';
import Notify from './Notify.svelte';

const made = mount(Notify, { target: document.querySelector('#root') });
app.unmount = () => unmount(made);
