using AhnSharp.Hub;

namespace AhnSharp.Cli.Options;

/// <summary>A model by its name on the hub, where a command takes nothing else.</summary>
internal static class ModelArgument
{
    internal static ModelReference Parse(string text) => ModelReference.TryParse(text, out ModelReference? reference)
        ? reference
        : throw new UsageException($"expected OWNER/REPO, OWNER/REPO:TYPE or OWNER/REPO:FILE, "
            + $"such as Qwen/Qwen2.5-7B-Instruct-GGUF:q4_k_m, or the address of its page, found '{text}'.");
}
