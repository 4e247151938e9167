/*
 * JupyterLab's part of the briefing workbench: a prebuilt extension, written by hand, that needs no build.
 *
 * JupyterLab loads this file, calls `init` with webpack's share scope (package -> version -> {get, loaded}),
 * and then `get("./extension")` for the plugins. Packages of JupyterLab come out of that scope, so that their
 * tokens are JupyterLab's own.
 *
 * What it does:
 * - the launcher has a card for each briefing of the office ("New from ...": a copy of its notebook without
 *   outputs) and one for each notebook of the desk; `workbench lab` lists both in the page's configuration;
 * - comm target "workbench" on the kernel of every notebook: on {"do": "run-below", "cell": <id or null>,
 *   "run": <number>} the cells below that cell run; what still runs is interrupted first, and of several
 *   messages the last counts. It answers {"run", "took": true} at once and {"run", "did": true, "ok"} at the
 *   end: ok if every cell ran to its end and nothing newer was asked for;
 * - the start page runs by itself as it is opened, if it is the shipped one;
 * - a link of class "wb-open" to a notebook opens it here instead of in another tab of the browser;
 * - keys that are pressed in a form are the form's.
 */
(() => {
  "use strict";

  const NAME = "briefing-workbench";
  const PRESS_ON = 400; // milliseconds after which an interrupt that came between two cells is sent again
  let scope = null;

  /** The module of a package as JupyterLab itself uses it. */
  async function shared(name) {
    const versions = scope && scope[name];
    if (!versions) {
      throw new Error(`JupyterLab shares no ${name}`);
    }
    const parts = (text) => text.split(/[.+-]/).map((one) => parseInt(one, 10) || 0);
    const newer = (left, right) => {
      const [a, b] = [parts(left), parts(right)];
      const at = a.findIndex((one, index) => one !== (b[index] || 0));
      return at >= 0 && a[at] > (b[at] || 0);
    };
    const key = Object.keys(versions).reduce((best, one) =>
      versions[best].loaded || (!versions[one].loaded && !newer(one, best)) ? best : one
    );
    const factory = await versions[key].get();
    return factory();
  }

  /** What `workbench lab` says of the office; nothing where JupyterLab was started in another way. */
  function told() {
    const nothing = { briefings: [], desk: [], runs: [] };
    try {
      const page = JSON.parse(document.getElementById("jupyter-config-data").textContent);
      return { ...nothing, ...JSON.parse(page.workbench || "{}") };
    } catch (problem) {
      console.warn(`${NAME}: the page's configuration could not be read`, problem);
      return nothing;
    }
  }

  const folderOf = (path) => path.slice(0, path.lastIndexOf("/") + 1);

  /** Save a copy of a notebook without outputs beside it, under the first name that is free. */
  async function copied(contents, path) {
    const page = await contents.get(path, { type: "notebook", content: true });
    const listing = await contents.get(folderOf(path).replace(/\/$/, ""), {
      type: "directory",
      content: true,
    });
    const taken = new Set(listing.content.map((one) => one.name));
    const stem = page.name.replace(/\.ipynb$/, "");
    let number = 1;
    while (taken.has(`${stem}-${number}.ipynb`)) {
      number += 1;
    }
    for (const cell of page.content.cells) {
      if (cell.cell_type === "code") {
        cell.outputs = [];
        cell.execution_count = null;
      }
    }
    const made = `${folderOf(path)}${stem}-${number}.ipynb`;
    await contents.save(made, { type: "notebook", format: "json", content: page.content });
    return made;
  }

  /** Runs the cells below a cell of one notebook, one run at a time; what was asked for last counts. */
  class Below {
    constructor(panel, actions) {
      this.panel = panel;
      this.actions = actions;
      this.wanted = null;
      this.running = false;
      this.pressing = false;
      this.interrupt = null;
    }

    ask(cell, tell) {
      this.wanted?.tell(false);
      this.wanted = { cell, tell };
      if (this.running) {
        this.press();
      } else {
        this.work();
      }
    }

    /**
     * End what runs now, so that the cells start again with what was asked for since.
     *
     * The kernel's status is not asked: an answer on its control channel says idle while a cell runs. Between
     * two cells an interrupt does nothing.
     */
    async press() {
      if (this.pressing) {
        return;
      }
      this.pressing = true;
      const kernel = this.panel.sessionContext.session?.kernel;
      while (this.running && this.wanted && kernel && !kernel.isDisposed) {
        this.interrupt = kernel.interrupt().catch(() => undefined);
        await this.interrupt;
        await new Promise((go) => setTimeout(go, PRESS_ON));
      }
      this.pressing = false;
    }

    async work() {
      this.running = true;
      try {
        while (this.wanted && !this.panel.isDisposed) {
          await this.interrupt; // one under way is meant for the cells before, not for these
          const { cell, tell } = this.wanted;
          this.wanted = null;
          const cells = this.below(cell);
          const run = () => this.actions.runCells(this.panel.content, cells, this.panel.sessionContext);
          const ok = !cells.length || (await run().catch(() => false));
          tell(ok && !this.wanted);
        }
      } finally {
        this.running = false;
      }
    }

    holds(cell) {
      return this.panel.content.widgets.some((one) => one.model.id === cell);
    }

    below(cell) {
      const cells = Array.from(this.panel.content.widgets);
      const named = cells.findIndex((one) => one.model.id === cell);
      return cells.slice((named >= 0 ? named : this.panel.content.activeCellIndex) + 1);
    }
  }

  /** Answer the notebook's kernel, this one and each one that comes after it. */
  function listen(panel, actions) {
    const below = new Below(panel, actions);
    const take = (comm, message) => {
      const data = message.content.data || {};
      // another notebook of the same kernel is meant by a cell that this one does not have
      if (data.do === "run-below" && (!data.cell || below.holds(data.cell))) {
        const answer = (said) => {
          if (!comm.isDisposed) {
            comm.send({ run: data.run ?? null, ...said });
          }
        };
        answer({ took: true });
        // not awaited: the kernel's messages wait for this handler
        below.ask(data.cell ?? null, (ok) => answer({ did: true, ok }));
      }
    };
    const offer = (kernel) => {
      if (kernel && kernel.handleComms) {
        kernel.registerCommTarget("workbench", (comm, opened) => {
          comm.onMsg = (message) => take(comm, message);
          take(comm, opened);
        });
      }
    };
    panel.sessionContext.kernelChanged.connect((_, changed) => offer(changed.newValue));
    offer(panel.sessionContext.session?.kernel);
  }

  /** Run a notebook from top to end once it and its kernel are there. */
  async function runOnce(panel, actions) {
    await Promise.all([panel.context.ready, panel.sessionContext.ready]);
    if (!panel.isDisposed && panel.sessionContext.session?.kernel) {
      await actions.runAll(panel.content, panel.sessionContext);
    }
  }

  async function plugins() {
    const [{ ILauncher }, { INotebookTracker, NotebookActions }, { notebookIcon }] = await Promise.all([
      shared("@jupyterlab/launcher"),
      shared("@jupyterlab/notebook"),
      shared("@jupyterlab/ui-components"),
    ]);

    const cards = {
      id: `${NAME}:cards`,
      autoStart: true,
      optional: [ILauncher],
      activate: (app, launcher) => {
        const { briefings, desk } = told();
        const open = (path) => app.commands.execute("docmanager:open", { path, factory: "Notebook" });
        app.commands.addCommand(`${NAME}:new-from`, {
          label: (given) => `New from ${given.title ?? "a briefing"}`,
          caption: (given) => `A copy of ${given.path ?? "its notebook"}, without outputs, to change`,
          icon: notebookIcon,
          execute: async (given) => open(await copied(app.serviceManager.contents, given.path)),
        });
        app.commands.addCommand(`${NAME}:open`, {
          label: (given) => given.title ?? "Open a notebook of the desk",
          caption: (given) => given.caption ?? "",
          icon: notebookIcon,
          execute: (given) => open(given.path),
        });
        if (launcher) {
          const add = (command, category) => (args, rank) =>
            launcher.add({ command: `${NAME}:${command}`, category, args, rank });
          desk.forEach(add("open", "Desk"));
          briefings.forEach(add("new-from", "Briefings"));
        }
      },
    };

    const rerun = {
      id: `${NAME}:rerun`,
      autoStart: true,
      requires: [INotebookTracker],
      activate: (app, tracker) => {
        const { runs } = told();
        const meet = (panel) => {
          listen(panel, NotebookActions);
          if (runs.includes(panel.context.path)) {
            runOnce(panel, NotebookActions).catch((problem) => console.warn(NAME, problem));
          }
        };
        tracker.forEach(meet);
        tracker.widgetAdded.connect((_, panel) => meet(panel));
      },
    };

    const links = {
      id: `${NAME}:links`,
      autoStart: true,
      requires: [INotebookTracker],
      activate: (app, tracker) => {
        document.addEventListener("click", (event) => {
          const link = event.target instanceof Element ? event.target.closest("a.wb-open") : null;
          const panel = link && tracker.find((one) => one.node.contains(link));
          const target = link && link.getAttribute("href");
          if (panel && /^[\w.-]+\.ipynb$/.test(target)) {
            event.preventDefault();
            const path = folderOf(panel.context.path) + target;
            app.commands.execute("docmanager:open", { path, factory: "Notebook" });
          }
        });
      },
    };

    const keys = {
      id: `${NAME}:keys`,
      autoStart: true,
      // JupyterLab looks at the focused element alone: arrows would leave the cell, and "d d" delete it
      activate: () => {
        document.addEventListener("focusin", (event) => {
          if (event.target instanceof Element && event.target.closest(".wb-form")) {
            event.target.setAttribute("data-lm-suppress-shortcuts", "true");
          }
        });
      },
    };

    return [cards, rerun, links, keys];
  }

  const container = {
    init: (given) => {
      scope = given;
    },
    get: async (module) => {
      if (module !== "./extension") {
        throw new Error(`${NAME} has no ${module}`);
      }
      const made = await plugins();
      return () => ({ __esModule: true, default: made });
    },
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = container;
})();
