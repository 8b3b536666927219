package org.fl4j.dl4j;

import java.util.List;
import org.deeplearning4j.nn.conf.InputPreProcessor;

/** How examples and preprocessors shape what flows through a plan. */
final class ImagePlanning {

    private ImagePlanning() {}

    /** The flow of an example's features, put into the plans' order. */
    static Flow input(List<Long> shape, PlanBuilder plan) throws NotCoveredException {
        if (shape.size() == 1) {
            return new Flow.Flat(Math.toIntExact(shape.get(0)));
        }
        throw new NotCoveredException("features of shape " + shape);
    }

    static Flow through(InputPreProcessor processor, Flow in, PlanBuilder plan) throws NotCoveredException {
        throw new NotCoveredException("the preprocessor " + processor.getClass().getSimpleName());
    }
}
