package io.stillpoint.sandbox.auth;

import java.util.Set;

/** What may be done from the server's own machine while there is no user yet. */
final class FirstSetUp {
  private static final Set<Need> ALLOWED =
      Set.of(
          new Need(Resource.database("admin"), "createUser"),
          new Need(Resource.database("admin"), "grantRole"),
          new Need(Resource.database("admin"), "createRole"),
          new Need(Resource.database(User.EXTERNAL), "createUser"),
          new Need(Resource.database(User.EXTERNAL), "grantRole"),
          Need.cluster("addShard"),
          Need.cluster("replSetConfigure"),
          Need.cluster("replSetGetStatus"));

  private FirstSetUp() {}

  static boolean allows(Need need) {
    return ALLOWED.contains(need);
  }
}
