-- What of OpenStreetMap gets into the tiles: water, green, buildings, roads and their names, places.
-- tilemaker calls node_function and way_function for what has a tag of interest.

local function set(words)
  local found = {}
  for word in words:gmatch("%S+") do found[word] = true end
  return found
end

local PLACES = set "city town village suburb neighbourhood hamlet"
local PLACE_ZOOM = { city = 8, town = 9, suburb = 11 }
local GREEN = set "park garden pitch golf_course nature_reserve forest grass meadow cemetery recreation_ground wood"
local RIVERS = { river = 9, canal = 9, stream = 13 }

-- The first zoom at which a class of road is drawn.
local ROAD_ZOOM = {
  motorway = 8, trunk = 8, primary = 9, secondary = 10, tertiary = 11,
  unclassified = 12, residential = 12, living_street = 12, pedestrian = 13,
  service = 14, footway = 14, cycleway = 14, path = 14, steps = 14, track = 14,
}

node_keys = { "place" }

function init_function() end
function exit_function() end

function node_function(node)
  local place, name = node:Find("place"), node:Find("name")
  if not PLACES[place] or name == "" then return end
  node:Layer("place", false)
  node:Attribute("name", name)
  node:Attribute("class", place)
  node:MinZoom(PLACE_ZOOM[place] or 12)
end

local function road(way, class)
  local zoom = ROAD_ZOOM[class]
  if not zoom or way:Find("area") == "yes" then return end
  way:Layer("road", false)
  way:MinZoom(zoom)
  way:Attribute("class", class)
  local name = way:Find("name")
  if name == "" then return end
  way:Layer("road_name", false)
  way:MinZoom(math.max(zoom, 13))
  way:Attribute("name", name)
end

function way_function(way)
  local highway = way:Find("highway")
  if highway ~= "" then
    road(way, (highway:gsub("_link$", "")))
  elseif not way:IsClosed() then
    local river = way:Find("waterway")
    if RIVERS[river] then
      way:Layer("water", false)
      way:Attribute("class", river)
      way:MinZoom(RIVERS[river])
    end
  elseif way:Find("building") ~= "" then
    way:Layer("building", true)
    way:MinZoom(14)
  elseif way:Find("natural") == "water" or way:Find("waterway") == "riverbank" or way:Find("landuse") == "basin" then
    way:Layer("water", true)
    way:Attribute("class", "water")
  elseif GREEN[way:Find("leisure")] or GREEN[way:Find("landuse")] or GREEN[way:Find("natural")] then
    way:Layer("green", true)
  end
end
