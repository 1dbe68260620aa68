// Signs a call of the Examlink API and sends it: Java 17 or newer, and nothing else.
//
//   java client.java METHOD PATH name=value ...    such as: java client.java GET '/exams/{id}' id=42
//   java client.java message name=value ...        prints what is signed, and the signature
//
// EXAMLINK_SERVER, EXAMLINK_TOKEN and EXAMLINK_SECRET say where and who. Ids in the path are signed by their names.
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class Client {
    static String message(Map<String, String> parameters) {
        return new TreeMap<>(parameters).entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + parameter.getValue()).collect(Collectors.joining("?"));
    }

    static String sign(Map<String, String> parameters) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(System.getenv("EXAMLINK_SECRET").getBytes(UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(message(parameters).getBytes(UTF_8)));
    }

    static String form(Map<String, String> parameters) {
        return parameters.entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + URLEncoder.encode(parameter.getValue(), UTF_8))
            .collect(Collectors.joining("&"));
    }

    static HttpResponse<String> call(String method, String path, Map<String, String> given) throws Exception {
        Map<String, String> parameters = new TreeMap<>(given);
        parameters.put("nonce", Long.toString(new SecureRandom().nextLong() >>> 1));
        parameters.put("timestamp", Long.toString(System.currentTimeMillis()));
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            path = path.replace("{" + parameter.getKey() + "}", parameter.getValue());
        }
        parameters.put("signature", sign(parameters));
        boolean get = method.equals("GET");
        String url = System.getenv("EXAMLINK_SERVER") + "/api/v3" + path + (get ? "?" + form(parameters) : "");
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
            .header("Authorization", "Token token=" + System.getenv("EXAMLINK_TOKEN"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .method(method, get ? BodyPublishers.noBody() : BodyPublishers.ofString(form(parameters))).build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }

    static Map<String, String> pairs(String[] texts, int first) {
        Map<String, String> pairs = new TreeMap<>();
        for (int at = first; at < texts.length; at++) {
            String[] pair = texts[at].split("=", 2);
            pairs.put(pair[0], pair[1]);
        }
        return pairs;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, UTF_8);
        if (arguments[0].equals("message")) {
            Map<String, String> parameters = pairs(arguments, 1);
            out.println(message(parameters) + "\n" + sign(parameters));
            return;
        }
        HttpResponse<String> reply = call(arguments[0], arguments[1], pairs(arguments, 2));
        out.println(reply.body());
        System.exit(reply.statusCode() < 300 ? 0 : 1);
    }
}
