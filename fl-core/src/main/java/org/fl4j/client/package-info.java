/** Who learns: clients, their tasks and updates, and the runner that carries the work to them. */
@NullMarked
package org.fl4j.client;

import org.jspecify.annotations.NullMarked;
