package org.fl4j.privacy.secagg;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What a class warns of while this is open, kept from the console. */
final class Warnings implements AutoCloseable {

    private final Logger logger;
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();

    private Warnings(Logger logger) {
        this.logger = logger;
        events.start();
        logger.setAdditive(false);
        logger.addAppender(events);
    }

    static Warnings of(Class<?> source) {
        return new Warnings((Logger) LoggerFactory.getLogger(source));
    }

    List<String> messages() {
        return events.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Override
    public void close() {
        logger.detachAppender(events);
        logger.setAdditive(true);
    }
}
