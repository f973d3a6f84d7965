package io.stillpoint.sim;

import io.stillpoint.model.Manifest;
import io.stillpoint.recover.RecoverClusterResult;
import java.util.List;
import java.util.Optional;

/** A cluster to operate on, whatever runs the workflows. */
interface Operations extends AutoCloseable {

  World world();

  Faults.Gate gate();

  /** Runs to its end, whatever that is; false if it failed. */
  boolean backup(String name);

  /** As {@link #backup}. */
  boolean restore(String name);

  /** Mends what was left, and lets go of what verified restores kept. */
  RecoverClusterResult recover();

  Optional<Manifest> manifest(String name);

  /** Asks the operation under way to end. */
  void cancel();

  /** Ends the operation under way by force. */
  void terminate();

  /** All control workers die, and others take over. */
  void restartControl();

  /** All node agents die, and come back. */
  void restartAgents();

  /** Lets happen what nobody waits for any more. */
  void drain();

  /** The last events of the operation that ran last. */
  List<String> lastEvents();

  @Override
  void close();
}
