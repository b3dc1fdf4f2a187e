using System;
using System.Buffers.Binary;
using System.IO;
using System.Linq;
using System.Text;
using AhnSharp.Conversion;
using AhnSharp.Gguf;
using Xunit;

namespace AhnSharp.Tests.Conversion;

public sealed class SafetensorsFileTests
{
    private const string TwoTensors =
        """{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F16","shape":[],"data_offsets":[24,26]}}""";

    [Fact]
    public void Tensors_are_read_by_name()
    {
        using TemporaryFolder folder = new();
        string path = WriteFile(folder, TwoTensors, 26, data => BinaryPrimitives.WriteHalfLittleEndian(data[24..], (Half)1.5));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(["a", "b"], file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([2L, 3], file.GetTensor("a").Shape.ToArray());
        Assert.Equal(6, file.GetTensor("a").ElementCount);
        float[] b = new float[1];
        file.ReadSingles(file.GetTensor("b"), 0, b);
        Assert.Equal([1.5f], b);
        Assert.Contains("nothing", Assert.Throws<InvalidModelException>(() => file.GetTensor("nothing")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    [InlineData("F32")]
    public void Every_element_type_widens_exactly_at_any_offset(string type)
    {
        using TemporaryFolder folder = new();
        TinyFolder tiny = TinyFolder.Base(folder);
        tiny.Retype(type);
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(tiny.Write().Path, HuggingFaceModel.SingleFile));
        foreach ((string name, (_, _, float[] expected)) in tiny.Tensors)
        {
            float[] whole = new float[expected.Length];
            file.ReadSingles(file.GetTensor(name), 0, whole);
            Assert.Equal(expected, whole);
            float[] part = new float[expected.Length - 7];
            file.ReadSingles(file.GetTensor(name), 5, part);
            Assert.Equal(expected[5..^2], part);
        }
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,20]}}""", 20, "a is F32 [2, 3], 24 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}""", 20, "a lies at bytes 0 to 24 of 20")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[24,0]}}""", 24, "a lies at bytes 24 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}""", 32, "tensors end at byte")]
    [InlineData("""{"a":{"dtype":"F32","shape":[6],"data_offsets":[0,24]},"b":{"dtype":"F32","shape":[6],"data_offsets":[20,44]}}""", 44,
        "b should start at byte 24")]
    [InlineData("""{"a":{"dtype":"F32","shape":[6],"data_offsets":[0,24]},"b":{"dtype":"F32","shape":[6],"data_offsets":[28,52]}}""", 52,
        "b should start at byte 24")]
    [InlineData("""{"a":{"dtype":"F33","shape":[6],"data_offsets":[0,24]}}""", 24, "F33")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-6],"data_offsets":[0,24]}}""", 24, "-6")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,24]}}""", 24, "1.5")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904,4],"data_offsets":[0,24]}}""", 24, "data_offsets span 24")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,6],"data_offsets":[0,24]}}""", 24, "9 dimensions")]
    [InlineData("""{"a":{"dtype":"F32","shape":[6],"data_offsets":[0]}}""", 24, "data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,24]}}""", 24, "a lacks")]
    [InlineData("""{"a":7}""", 24, "a lacks")]
    [InlineData("""{"a":{"dtype":"F32","shape":[6],"data_offsets":[0,24]},"a":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}""", 24,
        "not valid JSON")]
    [InlineData("""{"a":{"dtype":"\ud800","shape":[6],"data_offsets":[0,24]}}""", 24, "half of one")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}""", 24, "half of one")]
    [InlineData("""[1]""", 24, "JSON object")]
    [InlineData("""{"a":[[[[[[[[[[1]]]]]]]]]]}""", 24, "not valid JSON")]
    [InlineData("""{"a":""", 24, "not valid JSON")]
    public void A_wrong_table_is_one_sentence_that_names_it(string header, int dataBytes, string named)
    {
        using TemporaryFolder folder = new();
        string path = WriteFile(folder, header, dataBytes);
        string message = Assert.Throws<InvalidModelException>(() => SafetensorsFile.Open(path)).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1000UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(99_000_000UL)]
    public void A_header_beyond_the_file_allocates_nothing(ulong headerLength)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.safetensors");
        byte[] bytes = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, headerLength);
        File.WriteAllBytes(path, bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidModelException>(() => SafetensorsFile.Open(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Every_cut_and_every_flipped_byte_is_an_answer_and_never_a_fault()
    {
        using TemporaryFolder folder = new();
        string path = WriteFile(folder, TwoTensors, 26);
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<InvalidModelException>(() => SafetensorsFile.Open(path));
        }
        Random random = new(1);
        for (int i = 0; i < 2000; i++)
        {
            byte[] bent = (byte[])whole.Clone();
            bent[random.Next(bent.Length - 26)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, bent);
            try
            {
                SafetensorsFile.Open(path).Dispose();
            }
            catch (InvalidModelException)
            {
                // One sentence is what a broken file is owed.
            }
        }
    }

    private static string WriteFile(TemporaryFolder folder, string header, int dataBytes, SpanAction? fill = null)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, 8);
        fill?.Invoke(bytes.AsSpan(8 + text.Length));
        string path = folder.PathOf("a.safetensors");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private delegate void SpanAction(Span<byte> data);
}
