/** The command line and the client facade. */
package io.stillpoint.cli;
