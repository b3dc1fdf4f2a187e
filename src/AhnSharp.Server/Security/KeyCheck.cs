using System;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Security;

/// <summary>Whose key a request shows.</summary>
internal static class KeyCheck
{
    private const string Bearer = "Bearer ";

    /// <summary>
    /// The key that is shown, as OpenAI's clients (<c>Authorization</c>) or Anthropic's (<c>x-api-key</c>) do; null: none.
    /// </summary>
    public static ApiKey? Of(HttpRequest request, AhnServerOptions options)
    {
        string shown = request.Headers.Authorization.ToString();
        shown = shown.StartsWith(
            Bearer, StringComparison.OrdinalIgnoreCase) ? shown[Bearer.Length..].Trim() : request.Headers["x-api-key"].ToString();
        if (shown.Length == 0) return null;
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(shown));
        ApiKey? found = null;
        // All of them, so that the time says nothing about which.
        foreach (ApiKey key in options.Keys)
        {
            if (key.Is(hash)) found = key;
        }
        return found;
    }
}
