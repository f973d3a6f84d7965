/** The store of manifests and file lists: ports, and one implementation in a directory. */
package io.stillpoint.catalog;
