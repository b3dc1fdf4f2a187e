using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Http;

/// <summary>Whose interface a path belongs to.</summary>
internal static class ApiStyles
{
    public static ApiStyle Of(PathString path) =>
        path.StartsWithSegments("/api") ? ApiStyle.Ollama
            : path.StartsWithSegments("/v1/messages") ? ApiStyle.Anthropic : ApiStyle.OpenAI;
}
