package io.stillpoint.sandbox.bench;

/** Takes some figures that share what they are measured on. */
interface Figures {

  /** Chosen by {@code --only}. */
  String name();

  /** Adds each figure to the summary as soon as it is known, and says what it leaves out. */
  void take(Scene scene, Summary summary) throws Exception;
}
