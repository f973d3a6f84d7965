package io.stillpoint.sandbox.auth;

/** One action on one resource, which a command takes. */
record Need(Resource resource, String action) {

  static Need cluster(String action) {
    return new Need(Resource.CLUSTER, action);
  }
}
