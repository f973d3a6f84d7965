/** The deployable service: Micronaut wiring only. */
package io.stillpoint.worker;
