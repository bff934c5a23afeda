defmodule RecipeTest do
  use ExUnit.Case, async: true

  test "reads ingredients" do
    assert Recipe.parse("250 g flour\n3 pcs eggs\n120 ml milk") ==
             {:ok, [{250, :g, "flour"}, {3, :pcs, "eggs"}, {120, :ml, "milk"}]}

    assert Recipe.parse("") == {:ok, []}
    assert Recipe.parse("\n  \n") == {:ok, []}
  end

  test "spaces" do
    assert Recipe.parse("  5   ml    oil  \n\n1 g sea salt") ==
             {:ok, [{5, :ml, "oil"}, {1, :g, "sea salt"}]}

    assert Recipe.parse("007 g salt of  the sea") == {:ok, [{7, :g, "salt of  the sea"}]}
  end

  test "the first wrong line is told" do
    text = "1 g a\n\n 2 ml\n3 cups b\n0 g c"
    assert Recipe.parse(text) == {:error, {3, :incomplete}}
    assert Recipe.parse("\n3 cups b\n0 g c") == {:error, {2, {:bad_unit, "cups"}}}
    assert Recipe.parse("x\n3 g b") == {:error, {1, :incomplete}}
  end

  test "bad amounts" do
    for part <- ["0", "-2", "+2", "2x", "1.5", "x", "000"] do
      assert Recipe.parse("1 g a\n#{part} g b") == {:error, {2, {:bad_amount, part}}}
    end

    assert Recipe.parse("2x cups b") == {:error, {1, {:bad_amount, "2x"}}}
    assert Recipe.parse("2x cups") == {:error, {1, :incomplete}}
  end

  test "bad units" do
    for part <- ["G", "kg", "ok", ":g", "unit that never was" |> String.replace(" ", "_")] do
      assert Recipe.parse("1 #{part} b") == {:error, {1, {:bad_unit, part}}}
    end
  end

  test "raises with a message" do
    assert Recipe.parse!("1 g a") == [{1, :g, "a"}]
    assert_raise ArgumentError, "line 1: incomplete", fn -> Recipe.parse!("1 g") end
    assert_raise ArgumentError, "line 3: bad amount 2x", fn -> Recipe.parse!("1 g a\n\n2x g b") end
    assert_raise ArgumentError, "line 2: bad unit cups", fn -> Recipe.parse!("\n2 cups b") end
  end

  test "outcomes of functions" do
    funs = [fn -> 1 end, fn -> raise ArgumentError, "no" end, fn -> {:error, :mine} end]
    assert Recipe.try_all(funs) == [{:ok, 1}, {:error, "no"}, {:ok, {:error, :mine}}]
    assert Recipe.try_all([]) == []
    assert_raise RuntimeError, "other", fn -> Recipe.try_all([fn -> raise "other" end]) end
    assert catch_throw(Recipe.try_all([fn -> throw(:ball) end])) == :ball
    assert catch_exit(Recipe.try_all([fn -> exit(:end) end])) == :end
  end
end
