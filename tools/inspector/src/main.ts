import { App } from "./app/app";

const app = new App();
document.body.append(app.element);
app.start();
