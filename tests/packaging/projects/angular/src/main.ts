import { Component, signal } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { PushError, createPush, environment } from 'tidings';

const query = new URLSearchParams(location.search);
const push = createPush({ worker: query.get('worker')!, server: null, applicationServerKey: query.get('key')! });
const app: Record<string, unknown> & { shown: string[] } = { supported: environment().supported, shown: [] };
Object.assign(window, { app });

@Component({ selector: 'app-root', template: '<button id="on" (click)="on()">{{ label() }}</button>' })
export class App {
  readonly label = signal('on');

  async on() {
    try {
      push.on('shown', ({ title }) => app.shown.push(title));
      app['subscription'] = (await push.subscribe()).toJSON();
      this.label.set('subscribed');
    } catch (error) {
      app['failure'] = error instanceof PushError ? `${error.code}: ${error.cause}` : String(error);
    }
  }
}

bootstrapApplication(App);
