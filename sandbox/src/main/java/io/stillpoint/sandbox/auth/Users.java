package io.stillpoint.sandbox.auth;

import java.util.Optional;

/** Where a server finds its users. */
public interface Users {
  /** As he is defined now, or empty. */
  Optional<User> find(String name, String db);

  /** Whether there are none at all, so that the first one may be made from this machine. */
  boolean isEmpty();
}
