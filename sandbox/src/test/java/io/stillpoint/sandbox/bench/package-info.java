/** The figures of {@code make bench}; benchmarks/README.md says how each is taken. */
package io.stillpoint.sandbox.bench;
