/** What is learned: weights, deltas, their layout, and the models that local training runs on. */
@NullMarked
package org.fl4j.model;

import org.jspecify.annotations.NullMarked;
