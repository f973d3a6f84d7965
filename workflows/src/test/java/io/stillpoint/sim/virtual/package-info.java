/**
 * A Temporal server and its workers in one thread on a virtual clock, for tests: the SDK's own
 * replaying worker code, fed with histories that this package writes as a server does. It knows
 * nothing of Stillpoint. It stands on internals of the SDK version that the parent POM pins; all of
 * them are in {@link io.stillpoint.sim.virtual.SdkWorker}.
 */
package io.stillpoint.sim.virtual;
