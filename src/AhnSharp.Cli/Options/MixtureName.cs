using System.Collections.Generic;
using System.Linq;
using AhnSharp.Conversion;

namespace AhnSharp.Cli.Options;

/// <summary>The name of a mixture of types on the command line: <c>q4_k_m</c>, in any case.</summary>
internal static class MixtureName
{
    /// <param name="option">What the sentence about a wrong name begins with.</param>
    /// <param name="name">As it was written.</param>
    /// <param name="names">Those that may be meant here.</param>
    internal static QuantizationMixture Parse(string option, string name, IReadOnlyList<string> names) =>
        QuantizationMixture.TryGet(name, out QuantizationMixture? mixture) && names.Contains(mixture.Name)
            ? mixture
            : throw new UsageException($"{option}: expected one of {string.Join(", ", names)}, found '{name}'.");
}
