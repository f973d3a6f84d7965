/** The port that every kind of snapshot implements. */
package io.stillpoint.provider;
