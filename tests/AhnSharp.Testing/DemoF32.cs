using System;
using AhnSharp.Conversion;
using AhnSharp.Cpu;

namespace AhnSharp.Testing;

/// <summary>The trained demo model, converted to F32 from the shared folder once for all tests that need it.</summary>
public sealed class DemoF32 : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<CpuModel> _model;

    public DemoF32() => _model = new Lazy<CpuModel>(() =>
    {
        ModelConverter.Convert(new ConversionOptions
        {
            BaseFolder = Fixture.Shared("data/demo/base"),
            AhnFolder = Fixture.Shared("data/demo/ahn-dn"),
            Output = Path,
            Mixture = QuantizationMixture.Get("f32"),
            Window = 480,
            Sinks = 32,
        });
        return CpuModel.Load(Path);
    });

    public CpuModel Model => _model.Value;

    /// <summary>Its file, there once the model has been asked for.</summary>
    public string Path => _folder.PathOf("demo-f32.gguf");

    public void Dispose()
    {
        if (_model.IsValueCreated) _model.Value.Dispose();
        _folder.Dispose();
    }
}
