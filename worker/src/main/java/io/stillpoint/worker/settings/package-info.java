/** The worker's configuration, read strictly from one file and the environment. */
package io.stillpoint.worker.settings;
