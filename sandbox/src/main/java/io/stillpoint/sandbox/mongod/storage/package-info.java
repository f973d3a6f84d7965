/** Tables in data files with checkpoints and a journal, and their recovery. */
package io.stillpoint.sandbox.mongod.storage;
