using AhnSharp.Sessions;

namespace AhnSharp.Cli;

/// <summary>What computes, as the command line says.</summary>
/// <param name="Device">cpu, cuda:0, auto …</param>
/// <param name="Layers">Layers that go to the device; null: as many as fit.</param>
/// <param name="Session">The session that must fit beside them.</param>
internal sealed record DeviceChoice(string Device, int? Layers, SessionOptions? Session)
{
    /// <summary>What <c>--device</c> calls the processor.</summary>
    internal const string Processor = "cpu";
}
