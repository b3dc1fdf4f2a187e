using System;
using System.Collections.Generic;
using System.IO;
using Xunit;

namespace AhnSharp.Hub.Tests;

/// <summary>The environment variables of the hub's own tools.</summary>
public sealed class SettingsTests
{
    private static readonly string s_home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    [Fact]
    public void Without_variables_it_is_the_hub_itself_and_the_folder_of_its_tools()
    {
        HubSettings settings = From();
        Assert.Equal("https://huggingface.co/", settings.Endpoint.ToString());
        Assert.Equal(Path.Combine(s_home, ".cache", "huggingface", "hub"), settings.CacheFolder);
        Assert.False(settings.Offline);
        Assert.True(settings.Symlinks);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.StallLimit);
    }

    [Theory]
    [InlineData("HF_HUB_CACHE=/c;HF_HOME=/h;XDG_CACHE_HOME=/x", "/c")]
    [InlineData("HUGGINGFACE_HUB_CACHE=/o;HF_HOME=/h", "/o")]
    [InlineData("HF_HOME=/h;XDG_CACHE_HOME=/x", "/h/hub")]
    [InlineData("XDG_CACHE_HOME=/x", "/x/huggingface/hub")]
    [InlineData("HF_HUB_CACHE= ", "~/.cache/huggingface/hub")]
    [InlineData("HF_HOME=~/models", "~/models/hub")]
    [InlineData("HF_HOME=$BASE/x;BASE=/b", "/b/x/hub")]
    [InlineData("HF_HOME=${BASE}${MORE}/x;BASE=/b;MORE=c", "/bc/x/hub")]
    [InlineData("HF_HUB_CACHE=~/$MORE;MORE=c", "~/c")]
    [InlineData("HF_HOME=/$NONE/${NONE}/$;BASE=/b", "/$NONE/${NONE}/$/hub")]
    [InlineData("XDG_CACHE_HOME=$BASE;BASE=/b", "/b/huggingface/hub")]
    public void The_cache_is_where_the_most_particular_variable_says(string variables, string folder) =>
        Assert.Equal(Path.GetFullPath(folder.Replace("~", s_home, StringComparison.Ordinal)), From(variables).CacheFolder);

    [Theory]
    [InlineData("https://hf.example", "https://hf.example/")]
    [InlineData("https://hf.example/mirror/", "https://hf.example/mirror/")]
    [InlineData("http://10.0.0.1:8080", "http://10.0.0.1:8080/")]
    public void A_mirror_may_have_a_path(string value, string endpoint) =>
        Assert.Equal(endpoint, From($"HF_ENDPOINT={value}").Endpoint.ToString());

    [Theory]
    [InlineData("HF_ENDPOINT=ftp://x")]
    [InlineData("HF_ENDPOINT=https://name:password@x")]
    [InlineData("HF_ENDPOINT=https://x?y=z")]
    [InlineData("HF_HUB_DOWNLOAD_TIMEOUT=0")]
    [InlineData("HF_HUB_DOWNLOAD_TIMEOUT=-3")]
    [InlineData("HF_TOKEN=a\rb")]
    public void A_value_that_cannot_be_meant_names_its_variable(string variable) =>
        Assert.Contains(variable.Split('=')[0], Assert.Throws<HubException>(() => From(variable)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_token_is_the_variables_and_else_the_file_of_the_login()
    {
        using TemporaryFolder folder = new();
        string file = folder.PathOf("token"), home = Path.GetDirectoryName(file)!;
        Assert.Null(From($"HF_HOME={home}").Token);
        File.WriteAllText(file, "hf_file\n");
        Assert.Equal(("hf_file", file), (From($"HF_HOME={home}").Token, From($"HF_HOME={home}").TokenSource));
        Assert.Equal(("hf_variable", "HF_TOKEN"),
            (From($"HF_HOME={home};HF_TOKEN=hf_variable ").Token, From($"HF_HOME={home};HF_TOKEN=hf_variable ").TokenSource));
        Assert.Equal("hf_file", From($"HF_HOME=/none;HF_TOKEN_PATH={file}").Token);
        Assert.Null(From($"HF_HOME={home};HF_HUB_DISABLE_IMPLICIT_TOKEN=1").Token);
    }

    [Theory]
    [InlineData("https://hf.example/a/b", true)]
    [InlineData("https://HF.example:443/", true)]
    [InlineData("http://hf.example/a/b", false)]
    [InlineData("https://hf.example:8443/a/b", false)]
    [InlineData("https://cdn.hf.example/a/b", false)]
    [InlineData("https://hf.example.evil/a/b", false)]
    [InlineData("https://hf.example@evil/a/b", false)]
    public void Only_the_endpoints_own_address_may_see_the_token(string address, bool may) =>
        Assert.Equal(may, From("HF_ENDPOINT=https://hf.example/mirror").IsEndpoint(new Uri(address)));

    [Fact]
    public void The_room_for_a_folder_that_is_not_there_yet_is_that_of_its_disk()
    {
        HubSettings settings = From();
        Assert.InRange(settings.FreeBytes(Path.Combine(Path.GetTempPath(), "ahn-none", "hub")), 1, long.MaxValue);
    }

    [Theory]
    [InlineData("HF_HUB_OFFLINE=1", true, true)]
    [InlineData("TRANSFORMERS_OFFLINE=yes", true, true)]
    [InlineData("HF_HUB_OFFLINE=0", false, true)]
    [InlineData("HF_HUB_DISABLE_SYMLINKS=true", false, false)]
    public void Switches_are_on_by_the_words_of_the_hubs_tools(string variable, bool offline, bool symlinks) =>
        Assert.Equal((offline, symlinks), (From(variable).Offline, From(variable).Symlinks));

    private static HubSettings From(string variables = "")
    {
        Dictionary<string, string> values = [];
        foreach (string pair in variables.Split(';', StringSplitOptions.RemoveEmptyEntries))
            values[pair.Split('=', 2)[0]] = pair.Split('=', 2)[1];
        if (variables.Length == 0) values["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1";
        return HubSettings.From(name => values.GetValueOrDefault(name));
    }
}
