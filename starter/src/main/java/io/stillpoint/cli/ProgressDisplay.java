package io.stillpoint.cli;

/** Shows progress on stderr. */
interface ProgressDisplay {
  void show(Progress progress);

  /** Something that is not progress, such as a worker that does not answer. */
  void remark(String text);

  /** Leaves the display; what comes next starts on a fresh line. */
  void end();

  static ProgressDisplay of(CliContext context, Printer printer) {
    if (printer.isJson()) {
      return new JsonDisplay(context.err());
    }
    return context.columns() > 0
        ? new TreeDisplay(context.err(), context.columns())
        : new LineDisplay(context.err());
  }
}
