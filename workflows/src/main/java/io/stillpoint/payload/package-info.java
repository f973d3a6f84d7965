/** What Temporal stores of an operation, encrypted if somebody gives keys. */
package io.stillpoint.payload;
