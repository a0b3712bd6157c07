// The peer of `python -m bench.pages`: the files in a folder, as Express serves them with its compression.
//
//   node express_server.js PORT FOLDER

import compression from "compression";
import express from "express";

const [port, folder] = process.argv.slice(2);

const app = express();
app.use(compression());
app.use(express.static(folder, { extensions: ["html"], immutable: true, maxAge: "1y" }));
app.listen(Number(port), "127.0.0.1", 4096, () => console.log("listening"));
