/**
 * The vectors of federated learning: {@linkplain org.fl4j.weights.ModelWeights weights} are points,
 * {@linkplain org.fl4j.weights.ModelDelta deltas} are displacements, and a {@linkplain org.fl4j.weights.ParameterLayout layout}
 * gives their coordinates names, shapes and roles.
 */
@NullMarked
package org.fl4j.weights;

import org.jspecify.annotations.NullMarked;
