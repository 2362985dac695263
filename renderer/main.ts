import { mount } from 'svelte';
import { App } from './frame/app.svelte.ts';
import Frame from './frame/Frame.svelte';
import './tokens.css';
import './base.css';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no element #app');

const app = new App(window.mailmitt);
// The net under every call: a failure that no view deals with itself is shown, whoever made the call.
window.addEventListener('unhandledrejection', (event) => app.problems.add(event.reason));
mount(Frame, { target, props: { app } });
await app.load();
