/** Journals in files: which files are opened, what remains of a failed write, who can read them, and the lock. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs, {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { after, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { importPackage, project, writeScript } from "./support/project.mjs";

const { ConfigurationError, fileJournal, onWarning } = await importPackage();

const header = "cognigy-context journal 1\n";
const item = (n) => `${n} ${"ab".repeat(16)}`;
const root = mkdtempSync(join(tmpdir(), "cognigy-context-journal-"));
const isUnix = process.platform !== "win32";
const isLinux = process.platform === "linux";
let count = 0;
let path;

after(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  path = join(folder, "rows.journal");
});

const damagedWarning = (lines) =>
  `the journal has ${lines} injected again. Repair it with \`cognigy-context journal repair\` of the Python package.`;

/** The start of a program that opens the journal of this test. */
const importJournal = () => `
  import { readFileSync, statSync } from "node:fs";
  const { fileJournal } = await import(${JSON.stringify(pathToFileURL(join(project, "main.mjs")).href)});
  const path = ${JSON.stringify(path)};`;

describe("a journal in a file", () => {
  test("is created with its first line, for its owner only", { skip: !isUnix }, () => {
    const journal = fileJournal(path);
    assert.equal(statSync(`${path}.lock`).mode & 0o777, 0o600);
    journal.close();
    assert.equal(readFileSync(path, "utf8"), header);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(path, "..")), ["rows.journal"]);
  });

  test("of another format is rejected and unchanged", () => {
    const contents = [
      '{"a": 1}',
      "name,value\na,1\nb,2",
      "Dear Ada,\n",
      Buffer.from([0x7f, 0x45, 0, 0xff, 0xfe]),
      "cognigy-context journal 2\n",
      '{"format":"cognigy-context audit","version":1}\n',
      `${item(0)}\n`,
    ];
    for (const content of contents) {
      writeFileSync(path, content);
      assert.throws(
        () => fileJournal(path),
        (error) => error instanceof ConfigurationError && /^path: the file is/.test(error.message),
      );
      assert.deepEqual(readFileSync(path), Buffer.from(content));
      assert.ok(!existsSync(`${path}.lock`));
    }
    // Sparse. Reading the whole file would take more memory than a test has.
    writeFileSync(path, "");
    truncateSync(path, 2 ** 40);
    assert.throws(() => fileJournal(path), ConfigurationError);
    assert.equal(statSync(path).size, 2 ** 40);
    unlinkSync(path);
  });

  test("keeps sound lines, skips damaged ones with a warning, and removes a partial line", async () => {
    const torn = item(5).slice(0, 10);
    const lines = [item(0), torn + item(6), "\0\0", "9".repeat(100_000), item(1)];
    writeFileSync(path, `${header}${lines.join("\n")}\n${torn}`);
    const warned = once(process, "warning");
    const journal = fileJournal(path);
    assert.deepEqual([journal.confirmedBefore, journal.damagedLines], [2, 3]);
    assert.ok(journal.isConfirmed(item(0)) && journal.isConfirmed(item(1)));
    assert.ok(!journal.isConfirmed(item(6)));
    const [warning] = await warned;
    assert.equal(warning.name, "JournalWarning");
    assert.equal(warning.message, damagedWarning("3 damaged lines: their items are"));
    journal.confirm(item(7));
    journal.close();
    assert.equal(readFileSync(path, "utf8"), `${header}${lines.join("\n")}\n${item(7)}\n`);
  });

  test("passes the warning about damaged lines to the listeners instead, if there are any", async (t) => {
    t.mock.method(process, "emitWarning", () => assert.fail("a listener received the warning"));
    const received = [];
    t.after(onWarning((message) => received.push(message)));
    t.after(onWarning(async () => Promise.reject(new Error("from the listener"))));
    for (const damaged of [1, 1_000]) {
      writeFileSync(path, `${header}${"damaged\n".repeat(damaged)}`);
      fileJournal(path).close();
    }
    // The listeners are called after the current task; an unhandled rejection would fail this test.
    await new Promise(setImmediate);
    assert.deepEqual(received, [
      damagedWarning("1 damaged line: its item is"),
      damagedWarning("1,000 damaged lines: their items are"),
    ]);
  });

  test("completes a first line that was written in part", () => {
    for (const start of ["", header.slice(0, 15), header.slice(0, -1)]) {
      writeFileSync(path, start);
      const journal = fileJournal(path, { durable: true });
      journal.confirm(item(0));
      journal.close();
      assert.equal(readFileSync(path, "utf8"), `${header}${item(0)}\n`);
    }
  });

  test("begins a new line after an incomplete one, and notices another file at its path", () => {
    const changes = {
      "deleted or replaced": [
        () => unlinkSync(path),
        () => {
          writeFileSync(`${path}.new`, header);
          renameSync(`${path}.new`, path);
        },
      ],
      truncated: [() => truncateSync(path, header.length)],
    };
    for (const [message, works] of Object.entries(changes)) {
      for (const work of works) {
        rmSync(path, { force: true });
        const journal = fileJournal(path);
        journal.confirm(item(0));
        appendFileSync(path, "torn");
        journal.confirm(item(1));
        assert.equal(readFileSync(path, "utf8"), `${header}${item(0)}\ntorn\n${item(1)}\n`);
        work();
        for (let attempt = 0; attempt < 2; attempt++) {
          assert.throws(() => journal.confirm(item(2)), new RegExp(message));
        }
        journal.close();
        assert.throws(() => journal.confirm(item(3)), /closed/);
        journal.close();
      }
    }
  });

  test("cannot be anything but a regular file", { skip: !isUnix, timeout: 60_000 }, async () => {
    const folder = join(path, "..");
    const [fifo, socket, link] = ["fifo", "socket", "link"].map((name) => join(folder, name));
    assert.equal(spawnSync("mkfifo", [fifo]).status, 0);
    symlinkSync(fifo, link);
    const server = createServer().listen(socket);
    await once(server, "listening");
    for (const special of [fifo, socket, link, folder, "/dev/null"]) {
      assert.throws(() => fileJournal(special), { code: "EINVAL", message: /not a regular file/ });
    }
    server.close();
    writeFileSync(path, "");
    symlinkSync(path, `${path}.link`);
    fileJournal(`${path}.link`).close();
    assert.equal(readFileSync(path, "utf8"), header);
  });

  test("has no line of a failed write", { skip: !isUnix }, () => {
    // A limit of 512 bytes makes a write partial, as a full disk does. Each line has at least 35 bytes.
    const program = writeScript(`${importJournal()}
      process.on("SIGXFSZ", () => {});
      const journal = fileJournal(path);
      let confirmed = 0;
      try {
        for (;; confirmed++) journal.confirm(confirmed + " " + "ab".repeat(16));
      } catch (error) {
        const size = statSync(path).size;
        let again;
        try { journal.confirm("1000 " + "ab".repeat(16)); } catch (error) { again = error.code; }
        journal.close();
        console.log(JSON.stringify([confirmed, error.code, again, size === statSync(path).size]));
      }`);
    const { stdout, stderr } = spawnSync("sh", ["-c", 'ulimit -f 1; exec "$0" "$1"', process.execPath, program], {
      encoding: "utf8",
    });
    const [confirmed, ...rest] = JSON.parse(stdout || JSON.stringify(stderr));
    assert.deepEqual(rest, ["EFBIG", "EFBIG", true]);
    assert.ok(confirmed > 0);
    const journal = fileJournal(path);
    assert.deepEqual([journal.confirmedBefore, journal.damagedLines], [confirmed, 0]);
    journal.close();
  });

  test("names the argument of a wrong type", () => {
    for (const wrong of [5, null, undefined, {}, []]) {
      assert.throws(() => fileJournal(wrong), { name: "TypeError", message: /^path must be a string or a URL/ });
    }
    assert.throws(() => fileJournal(path, 5), { name: "TypeError", message: /^options must be an object/ });
    for (const durable of [1, "yes", null]) {
      assert.throws(() => fileJournal(path, { durable }), { name: "TypeError", message: /^durable must be/ });
    }
    assert.ok(!existsSync(path));
    fileJournal(pathToFileURL(path), { durable: undefined }).close();
  });
});

describe("the lock of a journal", () => {
  test("lasts until the journal is closed, and is free at once", () => {
    for (let turn = 0; turn < 20; turn++) {
      const journal = fileJournal(path);
      assert.throws(() => fileJournal(path), { code: "EBUSY" });
      journal.close();
    }
  });

  test("of a running process counts, and that of a killed process does not", async () => {
    const program = writeScript(`${importJournal()}
      fileJournal(path);
      console.log("open");
      setInterval(() => {}, 1_000);`);
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    assert.throws(() => fileJournal(path), { code: "EBUSY" });
    child.kill("SIGKILL");
    await once(child, "close");
    assert.ok(existsSync(`${path}.lock`));
    fileJournal(path).close();
    assert.ok(!existsSync(`${path}.lock`));
  });

  test("is released by the exit of the process", () => {
    const program = writeScript(`${importJournal()}
      fileJournal(path);
      process.exit(0);`);
    assert.equal(spawnSync(process.execPath, [program]).status, 0);
    assert.ok(existsSync(path) && !existsSync(`${path}.lock`));
  });

  test("of another host or with an unknown content counts, and stays", () => {
    for (const content of [`1 2 other.${hostname()}\n`, "", "notes"]) {
      writeFileSync(`${path}.lock`, content);
      assert.throws(() => fileJournal(path), (error) => {
        return error.code === "EBUSY" && / delete \S+rows\.journal\.lock\.$/.test(error.message);
      });
      assert.equal(readFileSync(`${path}.lock`, "utf8"), content);
    }
  });

  test("counts when it is not a regular file", { skip: !isUnix, timeout: 60_000 }, () => {
    assert.equal(spawnSync("mkfifo", [`${path}.lock`]).status, 0);
    assert.throws(() => fileJournal(path), { code: "EBUSY" });
  });

  test("of a process with a reused id does not count", { skip: !isLinux }, () => {
    writeFileSync(`${path}.lock`, `${process.pid} 1 ${hostname()}\n`);
    fileJournal(path).close();
  });

  test("leaves no file when it cannot be written", { skip: !isUnix }, () => {
    writeFileSync(path, header);
    const program = writeScript(`${importJournal()}
      try {
        fileJournal(path);
      } catch (error) {
        console.log(error.code);
      }`);
    const { stdout, stderr } = spawnSync("sh", ["-c", 'ulimit -f 0; exec "$0" "$1"', process.execPath, program], {
      encoding: "utf8",
    });
    assert.equal(stdout.trim(), "EFBIG", stderr);
    assert.ok(!existsSync(`${path}.lock`));
    fileJournal(path).close();
  });

  test("is created before the locks of other processes are read", { skip: !isLinux }, (t) => {
    const found = [];
    const { openSync } = fs;
    t.mock.method(fs, "openSync", (file, ...rest) => {
      if (file === "/proc/locks") found.push(readFileSync(`${path}.lock`, "utf8").split(" ")[0]);
      return openSync(file, ...rest);
    });
    syncBuiltinESMExports();
    t.after(() => {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    });
    fileJournal(path).close();
    assert.deepEqual(found, [String(process.pid)]);
  });

  test("excludes a process that locks the file itself", { skip: !isLinux }, async (t) => {
    writeFileSync(path, "");
    const child = spawn("flock", [path, "sh", "-c", "echo open; exec cat"], { stdio: ["pipe", "pipe", "inherit"] });
    const failed = once(child, "error").then(() => "missing");
    const started = await Promise.race([failed, once(child.stdout, "data")]);
    assert.notEqual(started, "missing", "the test needs the program flock: install the package util-linux");
    const listed = readFileSync("/proc/locks", "utf8").includes(`:${statSync(path).ino} `);
    if (listed) {
      assert.throws(() => fileJournal(path), { code: "EBUSY" });
      assert.ok(!existsSync(`${path}.lock`));
    } else t.diagnostic("the system does not list the lock");
    child.stdin.end();
    await once(child, "close");
    fileJournal(path).close();
  });
});
