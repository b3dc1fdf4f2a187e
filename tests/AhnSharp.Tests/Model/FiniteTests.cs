using System;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Model;

/// <summary>A number that is not finite is an error that names the layer where it began, and nothing of the pass is kept.</summary>
public sealed class FiniteTests
{
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void The_layer_where_it_began_is_named(float broken)
    {
        using TinyModelFile tiny = new(new TinyModel { Layers = 4 }, threads: 1);
        CpuModel model = tiny.Model;
        using LanguageSession session = model.CreateSession(), other = model.CreateSession();
        model.Forward(session, [7, 8]);
        model.Forward(other, [7, 8]);
        // What a broken weight or memory of layer 2 would make of the last token.
        model.Stage.BeforeLayer = layer =>
        {
            if (layer == 2) model.Stage.CurrentHidden[^1] = broken;
        };
        InvalidModelException error = Assert.Throws<InvalidModelException>(() => model.Forward(session, [1, 2, 3]));
        Assert.StartsWith("layer 2: expected finite numbers behind token 4", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, session.Position);
        model.Stage.BeforeLayer = null;
        model.Forward(session, [1, 2, 3]);
        model.Forward(other, [1, 2, 3]);
        Assert.Equal(other.LastLogits.ToArray(), session.LastLogits.ToArray());
    }
}
