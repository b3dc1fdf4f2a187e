using System;
using System.Collections.Generic;
using System.IO;
using AhnSharp.Gguf;
using Xunit;

namespace AhnSharp.Tests.Gguf;

public sealed class GgufMetadataTests
{
    private static readonly Dictionary<string, object> Everything = new()
    {
        ["u8"] = (byte)200,
        ["i8"] = (sbyte)-100,
        ["u16"] = (ushort)60000,
        ["i16"] = (short)-30000,
        ["u32"] = 4000000000u,
        ["i32"] = -2000000000,
        ["f32"] = 1.5f,
        ["bool"] = true,
        ["string"] = "héllo 𝄞",
        ["u64"] = ulong.MaxValue,
        ["i64"] = long.MinValue,
        ["f64"] = Math.PI,
        ["[u8]"] = new byte[] { 1, 2 },
        ["[i8]"] = new sbyte[] { -1, 2 },
        ["[u16]"] = new ushort[] { 1, 60000 },
        ["[i16]"] = new short[] { -1, 2 },
        ["[u32]"] = new uint[] { 1, 4000000000 },
        ["[i32]"] = new int[] { -1, 2 },
        ["[f32]"] = new float[] { 1, 2.5f },
        ["[bool]"] = new bool[] { true, false },
        ["[string]"] = new string[] { "a", "", "ζ" },
        ["[u64]"] = new ulong[] { 1, ulong.MaxValue },
        ["[i64]"] = new long[] { -1, 2 },
        ["[f64]"] = new double[] { 1, 2.5 },
        ["[]"] = Array.Empty<string>(),
        ["[[i32]]"] = new Array[] { new int[] { 1 }, new string[] { "x" }, new Array[] { new bool[] { true } } },
    };

    [Fact]
    public void Every_type_comes_back_as_it_was_written()
    {
        using MemoryStream stream = new();
        GgufWriter writer = new();
        foreach ((string key, object value) in Everything) writer.AddValue(key, value);
        writer.Write(stream);
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.PathOf("m.gguf"), stream.ToArray());
        using GgufFile file = GgufFile.Open(folder.PathOf("m.gguf"));
        Assert.Equal(Everything.Keys, file.Metadata.Keys);
        foreach ((string key, object value) in file.Metadata)
        {
            Assert.Equal(Everything[key].GetType(), value.GetType());
            Assert.Equal(Everything[key], value);
        }
    }

    [Fact]
    public void Numbers_are_taken_where_they_fit()
    {
        GgufMetadata metadata = new(Everything, "m.gguf");
        Assert.Equal(200u, metadata.GetUInt32("u8"));
        Assert.Equal(4000000000u, metadata.GetUInt32("u32"));
        Assert.Equal(1.5f, metadata.GetSingle("f32"));
        Assert.Equal((float)Math.PI, metadata.GetSingle("f64"));
        Assert.Equal([1, 60000], metadata.GetInt32Array("[u16]"));
        Assert.Equal([-1, 2], metadata.GetInt32Array("[i64]"));
        Assert.Equal([-1, 2], metadata.GetInt32Array("[i8]"));
        Assert.Equal([1f, 2.5f], metadata.GetSingleArrayOrNull("[f64]")!);
        Assert.Null(metadata.GetUInt32OrNull("none"));
        Assert.Null(metadata.GetStringOrNull("none"));
        Assert.Null(metadata.GetStringArrayOrNull("none"));
        Assert.Null(metadata.GetInt32ArrayOrNull("none"));
        Assert.Null(metadata.GetSingleArrayOrNull("none"));
        Assert.Null(metadata.GetSingleOrNull("none"));
        Assert.True(metadata.GetBool("none", true));
        Assert.True(metadata.GetBool("bool", false));
    }

    [Fact]
    public void Other_types_are_one_sentence()
    {
        GgufMetadata metadata = new(Everything, "m.gguf");
        Fails("m.gguf: expected the key 'none', found none of that name.", () => metadata.GetString("none"));
        Fails("m.gguf: key 'i8': expected u32, found i8 -100.", () => metadata.GetUInt32("i8"));
        Fails("m.gguf: key 'u64': expected u32, found u64 18446744073709551615.", () => metadata.GetUInt32("u64"));
        Fails("m.gguf: key 'f32': expected u32, found f32.", () => metadata.GetUInt32OrNull("f32"));
        Fails("m.gguf: key 'u32': expected string, found u32 4000000000.", () => metadata.GetString("u32"));
        Fails("m.gguf: key 'i32': expected f32, found i32 -2000000000.", () => metadata.GetSingle("i32"));
        Fails("m.gguf: key 'u8': expected bool, found u8 200.", () => metadata.GetBool("u8", false));
        Fails("m.gguf: key '[f32]': expected [string], found [f32] of 2.", () => metadata.GetStringArray("[f32]"));
        Fails("m.gguf: key '[f32]': expected [i32], found [f32] of 2.", () => metadata.GetInt32Array("[f32]"));
        Fails("m.gguf: key 'string': expected [i32], found string.", () => metadata.GetInt32Array("string"));
        Fails("m.gguf: key '[u32]': expected integers of 32 bits, found 4000000000.", () => metadata.GetInt32Array("[u32]"));
        Fails("m.gguf: key '[i32]': expected [f32], found [i32] of 2.", () => metadata.GetSingleArrayOrNull("[i32]"));

        static void Fails(string sentence, Func<object?> get) => Assert.Equal(sentence, Assert.Throws<InvalidModelException>(get).Message);
    }
}
