/**
 * The demo: the main job, told as a story on real processes and real files. Uses Stillpoint only as
 * a user could: the client facade, worker processes with configuration files, and kill -9.
 */
package io.stillpoint.sandbox.demo;
