using System.Text;
using HybridConv.Graphs;
using HybridConv.Planning;
using Xunit;

namespace HybridConv.Tests.Planning;

public class TuningTableTests
{
    private static TuningTable? Read(string json) => TuningTable.Read(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void What_is_written_is_read()
    {
        var table = new TuningTable();
        table.Set("a device", "Conv(float32[1,2]) -> \"é\"", "conv.one", 1234.4);
        table.Set("a device", "Conv(float32[1,2]) -> \"é\"", "conv.two", 99);
        table.Set("another", "Add", "add.one", 5);
        TuningTable read = TuningTable.Read(table.ToJson())!;
        Assert.Equal(3, read.Count);
        Assert.Equal(1234, read.Find("a device", "Conv(float32[1,2]) -> \"é\"")["conv.one"]);
        Assert.Equal(5, read.Find("another", "Add")["add.one"]);
        Assert.Empty(read.Find("another", "Sub"));
        Assert.Empty(read.Find("a third", "Add"));
        Assert.False(read.Knows("a third"));
        Assert.Equal(table.ToJson(), read.ToJson());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"format":2,"devices":{}}""")]
    [InlineData("""{"format":"1","devices":{}}""")]
    [InlineData("""{"format":1.5,"devices":{}}""")]
    [InlineData("""{"format":1,"devices":[]}""")]
    [InlineData("""{"format":1,"devices":{"\ud800":{"s":{"r":1}}}}""")]
    public void What_is_no_table_is_none(string json) => Assert.Null(Read(json));

    [Fact]
    public void A_file_of_nesting_is_no_table() => Assert.Null(Read($$"""{"format":1,"devices":{{string.Concat(Enumerable.Repeat("{\"a\":", 100_000))}}"""));

    [Fact]
    public void Entries_that_are_none_are_passed_over()
    {
        TuningTable table = Read("""
            // written by hand
            {"format":1,"more":true,"devices":{
              "d":{"s":{"good":12,"negative":-1,"zero":0,"text":"1","huge":1e999,"list":[1],"null":null},"t":7},
              "e":"x",
            }}
            """)!;
        Assert.Equal(["good"], table.Find("d", "s").Keys);
        Assert.Equal(1, table.Count);
        Assert.False(table.Knows("e"));
    }

    [Fact]
    public void Rows_that_get_no_time_lose_the_one_they_had()
    {
        var table = new TuningTable();
        table.Set("d", "s", "fast", 1);
        table.Set("d", "s", "wrong", 2);
        table.Set("d", "s", "of another profile", 3);
        new HybridConv.Targets.TuningReport("d", [new("Conv", new Shape(1), "s", 1, "fast", [new("fast", 10, null), new("wrong", null, "wrong: all of it")])]).AddTo(table);
        Assert.Equal([("fast", 10.0), ("of another profile", 3.0)], table.Find("d", "s").Select(row => (row.Key, row.Value)));
    }
}
