import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.elasticsearch.Build;
import org.elasticsearch.ElasticsearchParseException;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.ingest.AbstractProcessor;
import org.elasticsearch.ingest.ConfigurationUtils;
import org.elasticsearch.ingest.IngestDocument;
import org.elasticsearch.ingest.Processor;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.IngestPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestRequest.Method;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * The distribution of Elasticsearch that is published for integration tests leaves most modules out. Three things that
 * they bring are needed before a client can do anything: the answer to {@code GET /}, and the token filters and the
 * tokenizer of the security index, without which there are no API keys. Here they are, from the Lucene classes that the
 * distribution has.
 *
 * Besides, a processor that takes text out of a field as the attachment processor does, which the distribution lacks with
 * all others: a pipeline without any refuses nothing.
 */
public final class ClientEssentials extends Plugin implements ActionPlugin, AnalysisPlugin, IngestPlugin {

    @Override
    public Collection<RestHandler> getRestHandlers(
        RestHandlersServices services, Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> clusterSupports) {
        return List.of(new Banner());
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        AnalysisProvider<TokenFilterFactory> captures =
            (index, environment, name, settings) -> new PatternCapture(name, settings);
        return Map.of(
            "pattern_capture", AnalysisPlugin.requiresAnalysisSettings(captures),
            "unique", (index, environment, name, settings) -> new Unique(name));
    }

    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Map.of("uax_url_email",
            (index, environment, name, settings) -> TokenizerFactory.newFactory(name, UAX29URLEmailTokenizer::new));
    }

    @Override
    public Map<String, Processor.Factory> getProcessors(Processor.Parameters parameters) {
        return Map.of(PlainAttachment.TYPE, (others, tag, description, config, project) -> {
            String field = ConfigurationUtils.readStringProperty(PlainAttachment.TYPE, tag, config, "field");
            return new PlainAttachment(tag, description, field);
        });
    }

    /** Makes {@code body} of plain text in base64; fails on what begins like a locked file, in the words of the real one. */
    private static final class PlainAttachment extends AbstractProcessor {
        static final String TYPE = "plain_attachment";

        private final String field;

        PlainAttachment(String tag, String description, String field) {
            super(tag, description);
            this.field = field;
        }

        @Override
        public IngestDocument execute(IngestDocument document) {
            byte[] bytes = document.getFieldValueAsBytes(field, true);
            if (bytes == null) return document;
            String text = new String(bytes, StandardCharsets.UTF_8);
            if (text.startsWith("locked")) {
                Exception cause = new IllegalStateException("The document is encrypted");
                throw new ElasticsearchParseException("Error parsing document in field [{}]", cause, field);
            }
            document.setFieldValue("body", text);
            document.removeField(field);
            return document;
        }

        @Override
        public String getType() {
            return TYPE;
        }
    }

    private static final class PatternCapture extends AbstractTokenFilterFactory {
        private final Pattern[] patterns;
        private final boolean preserveOriginal;

        PatternCapture(String name, Settings settings) {
            super(name);
            patterns = settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
            preserveOriginal = settings.getAsBoolean("preserve_original", true);
        }

        @Override
        public TokenStream create(TokenStream tokens) {
            return new PatternCaptureGroupTokenFilter(tokens, preserveOriginal, patterns);
        }
    }

    private static final class Unique extends AbstractTokenFilterFactory {
        Unique(String name) {
            super(name);
        }

        @Override
        public TokenStream create(TokenStream tokens) {
            return new RemoveDuplicatesTokenFilter(tokens);
        }
    }

    /** What a client reads first: name and version of the node. */
    private static final class Banner extends BaseRestHandler {
        @Override
        public String getName() {
            return "client_essentials_banner";
        }

        @Override
        public List<Route> routes() {
            return List.of(new Route(Method.GET, "/"), new Route(Method.HEAD, "/"));
        }

        @Override
        protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
            return channel -> {
                try (XContentBuilder answer = channel.newBuilder()) {
                    writeTo(answer, client.getLocalNodeId());
                    channel.sendResponse(new RestResponse(RestStatus.OK, answer));
                }
            };
        }

        private static void writeTo(XContentBuilder answer, String nodeName) throws IOException {
            Build build = Build.current();
            answer.startObject();
            answer.field("name", nodeName);
            answer.field("cluster_name", "elasticsearch");
            answer.startObject("version");
            answer.field("number", build.qualifiedVersion());
            answer.field("build_flavor", build.flavor());
            answer.endObject();
            answer.field("tagline", "You Know, for Search");
            answer.endObject();
        }
    }
}
