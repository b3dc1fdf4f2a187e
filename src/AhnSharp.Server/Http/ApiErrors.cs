using System;
using System.Globalization;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Constraints;
using AhnSharp.Documents;
using AhnSharp.Gguf;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tokenizer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Server.Http;

/// <summary>Whatever goes wrong as one sentence, in the shape of the interface that was asked.</summary>
internal static class ApiErrors
{
    /// <summary>What a client is told of a failure; null: it is nobody's business but the log's.</summary>
    public static ApiException? Explain(Exception failure) => failure switch
    {
        ApiException known => known,
        ContextOverflowException overflow => new ApiException(StatusCodes.Status400BadRequest, "context_length_exceeded",
            string.Create(CultureInfo.InvariantCulture, $"This model's maximum context length is {overflow.LimitTokens} tokens. However, "
                + $"your messages and the answer need {overflow.NeededTokens} tokens."))
        { Parameter = "messages" },
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new ApiException(
            StatusCodes.Status413PayloadTooLarge, "request_too_large", "The body is larger than this server takes."),
        BadHttpRequestException bad => new ApiException(bad.StatusCode, "invalid_request", bad.Message),
        JsonException json => new ApiException(StatusCodes.Status400BadRequest, "invalid_json", $"The body is no JSON: {json.Message}"),
        ConstraintException constraint => new ApiException(
            StatusCodes.Status400BadRequest, "invalid_schema", constraint.Message)
        { Parameter = "response_format" },
        ChatTemplateException template => new ApiException(StatusCodes.Status400BadRequest, "chat_template", template.Message),
        DocumentException document => new ApiException(StatusCodes.Status400BadRequest, "invalid_document", document.Message),
        ArgumentException argument => new ApiException(StatusCodes.Status400BadRequest, "invalid_value", Sentence(argument)),
        NotSupportedException unsupported => new ApiException(
            StatusCodes.Status400BadRequest, "unsupported_parameter", unsupported.Message),
        InvalidModelException or SnapshotException or FileNotFoundException => new ApiException(
            StatusCodes.Status503ServiceUnavailable, "model_unavailable", "The model or the document cannot be loaded; the log says why."),
        ObjectDisposedException => ApiException.Busy(
            StatusCodes.Status503ServiceUnavailable, "shutting_down", "The server is ending, or the model was unloaded: ask again.",
            TimeSpan.FromSeconds(5)),
        OutOfMemoryException => ApiException.Busy(StatusCodes.Status503ServiceUnavailable, "out_of_memory",
            "There was no memory left for this request; others go on.", TimeSpan.FromSeconds(30)),
        InvalidOperationException invalid => new ApiException(StatusCodes.Status400BadRequest, "invalid_request", invalid.Message),
        _ => null,
    };

    /// <summary>What a client is told of any failure; what it is not told stands in the log.</summary>
    public static ApiException ToldOf(HttpContext context, Exception failure)
    {
        ILogger logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("AhnSharp.Server");
        string method = context.Request.Method, path = context.Request.Path;
        if (Explain(failure) is { } told)
        {
            ServerLog.Refused(logger, method, path, told.Status, told.Code, told.Message);
            if (failure is not ApiException && told.Status >= StatusCodes.Status500InternalServerError)
                ServerLog.Failed(logger, failure, method, path);
            return told;
        }
        ServerLog.Failed(logger, failure, method, path);
        return new ApiException(
            StatusCodes.Status500InternalServerError, "internal_error", "The server failed at this request; its log says why.");
    }

    /// <summary>Writes a failure as the answer to the request.</summary>
    public static async Task WriteAsync(HttpContext context, ApiException failure)
    {
        HttpResponse response = context.Response;
        response.Clear();
        response.StatusCode = failure.Status;
        if (failure.RetryAfter is { } after)
            response.Headers.RetryAfter = Math.Ceiling(after.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (failure.Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer";
        await JsonReply.WriteAsync(response, json => WriteBody(json, ApiStyles.Of(context.Request.Path), failure)).ConfigureAwait(false);
    }

    /// <summary>The failure as an object of the interface.</summary>
    public static void WriteBody(Utf8JsonWriter json, ApiStyle style, ApiException failure)
    {
        json.WriteStartObject();
        switch (style)
        {
            case ApiStyle.Anthropic:
                json.WriteString("type", "error");
                json.WriteStartObject("error");
                json.WriteString("type", AnthropicType(failure.Status));
                json.WriteString("message", failure.Message);
                json.WriteEndObject();
                break;
            case ApiStyle.Ollama:
                json.WriteString("error", failure.Message);
                break;
            default:
                json.WriteStartObject("error");
                json.WriteString("message", failure.Message);
                json.WriteString("type", OpenAIType(failure.Status));
                json.WriteString("param", failure.Parameter);
                json.WriteString("code", failure.Code);
                json.WriteEndObject();
                break;
        }
        json.WriteEndObject();
    }

    private static string OpenAIType(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    private static string AnthropicType(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status404NotFound => "not_found_error",
        StatusCodes.Status413PayloadTooLarge => "request_too_large",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        StatusCodes.Status503ServiceUnavailable => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    // Without ' (Parameter 'name')', which names what no client has written.
    private static string Sentence(ArgumentException argument)
    {
        string sentence = argument.Message;
        int tail = argument.ParamName is { } name ? sentence.IndexOf($" (Parameter '{name}')", StringComparison.Ordinal) : -1;
        return tail < 0 ? sentence : sentence[..tail];
    }
}
