/**
 * What the simulated clouds share: scripted faults, and directories that stand for volumes. The
 * endpoints speak the real wire formats to the unmodified SDKs.
 */
package io.stillpoint.sandbox.cloud;
